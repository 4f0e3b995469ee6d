package dev.dyadic.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.dyadic.deploy");

    @Test
    void nothingButTheCommandsKnowsTheCommands() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.dyadic.deploy.broker..",
                        "dev.dyadic.deploy.local..",
                        "dev.dyadic.deploy.ops..",
                        "dev.dyadic.deploy.history..",
                        "dev.dyadic.deploy.audit..",
                        "dev.dyadic.deploy.stats..",
                        "dev.dyadic.deploy.preview..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.dyadic.deploy.commands..")
                .check(CLASSES);
    }

    @Test
    void roomsDoNotGoInCircles() {
        slices().matching("dev.dyadic.deploy.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
