package dev.dyadic.sampler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.dyadic.sampler");

    @Test
    void theOrderIsPure() {
        noClasses()
                .that()
                .resideInAPackage("dev.dyadic.sampler.order")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.kafka..",
                        "io.grpc..",
                        "ai.djl..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.util.concurrent.locks..")
                .check(CLASSES);
    }

    @Test
    void rowsOnDiskKnowNoNetwork() {
        noClasses()
                .that()
                .resideInAPackage("dev.dyadic.sampler.segments")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka.clients..", "io.grpc..", "ai.djl..")
                .check(CLASSES);
    }
}
