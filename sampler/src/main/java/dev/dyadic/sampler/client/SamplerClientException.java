package dev.dyadic.sampler.client;

import io.grpc.Status;

/// The sampler did not answer, or refused. The message is the sampler's own.
public final class SamplerClientException extends RuntimeException {
    private final Status.Code code;

    SamplerClientException(Status.Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Status.Code code() {
        return code;
    }
}
