package dev.dyadic.decomposer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void whatDecidesKnowsNoKafka() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.dyadic.decomposer.decompose", "..tokenize..", "..pipeline")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka..", "io.grpc..", "ai.djl..")
                .check(new ClassFileImporter().importPackages("dev.dyadic.decomposer"));
    }
}
