package dev.dyadic.sampler;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String ROOM = "dev.dyadic.sampler.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.dyadic.sampler");

    @Test
    void theOrderIsPure() {
        noClasses()
                .that()
                .resideInAPackage(ROOM + "order")
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
                .resideInAPackage(ROOM + "segments")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.kafka.clients..", "io.grpc..", "ai.djl..")
                .check(CLASSES);
    }

    /// The rooms of the server, from the composition down to the order: each knows those below it that are named.
    @Test
    void arrowsBetweenRoomsPointOneWay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("root")
                .definedBy("dev.dyadic.sampler")
                .layer("serve")
                .definedBy(ROOM + "serve")
                .layer("runs")
                .definedBy(ROOM + "runs")
                .layer("trace")
                .definedBy(ROOM + "trace")
                .layer("watch")
                .definedBy(ROOM + "watch")
                .layer("gather")
                .definedBy(ROOM + "gather")
                .layer("messages")
                .definedBy(ROOM + "messages")
                .layer("replicate")
                .definedBy(ROOM + "replicate")
                .layer("segments")
                .definedBy(ROOM + "segments")
                .layer("ledger")
                .definedBy(ROOM + "ledger")
                .layer("simulate")
                .definedBy(ROOM + "simulate")
                .layer("order")
                .definedBy(ROOM + "order")
                .whereLayer("root")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("serve")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("runs")
                .mayOnlyBeAccessedByLayers("root", "serve")
                .whereLayer("trace")
                .mayOnlyBeAccessedByLayers("root", "serve")
                .whereLayer("watch")
                .mayOnlyBeAccessedByLayers("root", "serve", "runs")
                .whereLayer("gather")
                .mayOnlyBeAccessedByLayers("root", "serve", "runs", "trace", "watch")
                .whereLayer("messages")
                .mayOnlyBeAccessedByLayers("root", "serve", "runs", "trace")
                .whereLayer("replicate")
                .mayOnlyBeAccessedByLayers("root", "serve", "watch")
                .whereLayer("segments")
                .mayOnlyBeAccessedByLayers("root", "serve", "runs", "trace", "watch", "gather", "replicate")
                .whereLayer("ledger")
                .mayOnlyBeAccessedByLayers("root", "runs", "watch", "gather", "replicate")
                .whereLayer("simulate")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
        slices().matching(ROOM + "(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
