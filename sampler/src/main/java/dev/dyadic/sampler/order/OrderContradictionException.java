package dev.dyadic.sampler.order;

/// What this program computes, or the data it has, contradicts the ledger. Serving the run has to stop.
public final class OrderContradictionException extends RuntimeException {
    public OrderContradictionException(String message) {
        super(message);
    }
}
