package dev.dyadic.deploy.endtoend;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// Skips a class, with the reason, where no Docker engine answers. With `-Ddyadic.test.containers=required` it fails
/// there.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsDocker.Condition.class)
@interface NeedsDocker {
    /// Whether it needs our own image too.
    boolean image() default false;

    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            boolean image = AnnotationSupport.findAnnotation(context.getElement(), NeedsDocker.class)
                    .map(NeedsDocker::image)
                    .orElse(false);
            return Docker.missing(image)
                    .map(reason -> {
                        if (Docker.isRequired()) {
                            throw new IllegalStateException(reason);
                        }
                        return ConditionEvaluationResult.disabled(reason);
                    })
                    .orElse(ConditionEvaluationResult.enabled("a Docker engine answers"));
        }
    }
}
