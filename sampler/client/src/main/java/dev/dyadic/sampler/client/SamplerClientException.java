package dev.dyadic.sampler.client;

import dev.dyadic.proto.DyadicException;
import io.grpc.Status;

/// The sampler did not answer, or refused. The message is the sampler's own.
public final class SamplerClientException extends DyadicException {
    private final Status.Code code;

    SamplerClientException(Status.Code code, String message, Throwable cause) {
        super(code == Status.Code.INVALID_ARGUMENT ? Kind.INVALID : Kind.OUTSIDE, message, cause);
        this.code = code;
    }

    public Status.Code code() {
        return code;
    }
}
