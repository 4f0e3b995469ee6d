package dev.dyadic.deploy.export;

/// Which rows come into one file.
public enum Grouping {
    /// Those of steps that follow one another: files and rows are in the run's order.
    steps,
    /// Of these, the rows of one length: a folder for each length.
    lengths
}
