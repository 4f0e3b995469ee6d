package dev.dyadic.deploy.ops;

import static io.netty.handler.codec.http.HttpHeaderNames.ALLOW;
import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_SECURITY_POLICY;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_TYPE;
import static io.netty.handler.codec.http.HttpHeaderNames.HOST;
import static io.netty.handler.codec.http.HttpHeaderNames.TRANSFER_ENCODING;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: a request at a time, each answered before the next one is read. Runs on the event loop; answers are
/// made by other threads.
final class OpsHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = LoggerFactory.getLogger(OpsHandler.class);
    /// To send a request, from the connection or from the last answer.
    static final int REQUEST_SECONDS = 10;
    /// To take an answer.
    static final int ANSWER_SECONDS = 30;
    /// Large answers that are made or unread, over all connections.
    static final int MAX_LARGE = 8;

    private final Shared shared;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean isAnswering;

    /// What all connections use.
    ///
    /// @param large those that are made or unread; used by the event loop alone
    record Shared(
            Function<QueryStringDecoder, OpsRoute> routes,
            HostNames names,
            ExecutorService health,
            ExecutorService work,
            Deque<Reply> large) {
        Shared(
                Function<QueryStringDecoder, OpsRoute> routes,
                HostNames names,
                ExecutorService health,
                ExecutorService work) {
            this(routes, names, health, work, new ArrayDeque<>());
        }
    }

    OpsHandler(Shared shared) {
        this.shared = shared;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        closeIn(context, REQUEST_SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stopDeadline();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        // What follows a request is its body, which nobody needs, or was sent before the last answer was taken.
        if (part instanceof HttpRequest request) {
            if (isAnswering) {
                close(context);
                return;
            }
            isAnswering = true;
            closeIn(context, ANSWER_SECONDS);
            answer(context, request);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // The connection broke.
        close(context);
    }

    private void answer(ChannelHandlerContext context, HttpRequest request) {
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        boolean hasBody = request.headers().contains(TRANSFER_ENCODING)
                || !"0".equals(request.headers().get(CONTENT_LENGTH, "0"));
        boolean keepsAlive = HttpUtil.isKeepAlive(request)
                && !hasBody
                && request.decoderResult().isSuccess();
        Reply reply = new Reply(context, isHead, keepsAlive);
        if (!request.decoderResult().isSuccess()) {
            reply.send(OpsAnswer.text(
                    OpsAnswer.BAD_REQUEST,
                    "this is no HTTP request, or it is too large: the first line has at most "
                            + OpsListener.MAX_LINE_BYTES + " bytes, and headers " + OpsListener.MAX_HEADER_BYTES));
        } else if (!isHead && !request.method().equals(HttpMethod.GET)) {
            reply.send(OpsAnswer.text(OpsAnswer.NOT_ALLOWED, "only GET and HEAD are answered here"));
        } else if (!shared.names().allow(request.headers().get(HOST))) {
            reply.send(OpsAnswer.text(
                    OpsAnswer.MISDIRECTED,
                    "this server is not known by that name: ask by its address, or name it with --ops-name"));
        } else {
            decoded(request)
                    .ifPresentOrElse(
                            asked -> route(reply, asked),
                            () -> reply.send(OpsAnswer.text(OpsAnswer.BAD_REQUEST, "the path is no path of HTTP")));
        }
    }

    private static Optional<QueryStringDecoder> decoded(HttpRequest request) {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(request.uri());
            // Both are decoded when they are asked for first.
            decoder.path();
            decoder.parameters();
            return Optional.of(decoder);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void route(Reply reply, QueryStringDecoder asked) {
        switch (shared.routes().apply(asked)) {
            case OpsRoute.Ready(OpsAnswer answer) -> reply.send(answer);
            case OpsRoute.Health(Supplier<OpsAnswer> answer) -> make(shared.health(), reply, answer);
            case OpsRoute.Work(Supplier<OpsAnswer> answer) -> {
                Deque<Reply> large = shared.large();
                if (large.size() >= MAX_LARGE) {
                    // Whoever reads goes before one who does not.
                    large.stream().filter(Reply::isUnread).findFirst().ifPresent(unread -> {
                        large.remove(unread);
                        unread.drop();
                    });
                }
                if (large.size() < MAX_LARGE) {
                    large.addLast(reply);
                    // When the answer has left, or never will.
                    reply.onEnd(() -> large.remove(reply));
                    make(shared.work(), reply, answer);
                } else {
                    reply.send(OpsAnswer.text(
                            OpsAnswer.UNAVAILABLE, MAX_LARGE + " others are asking for this: try again"));
                }
            }
        }
    }

    private static void make(ExecutorService threads, Reply reply, Supplier<OpsAnswer> answer) {
        try {
            threads.execute(() -> {
                OpsAnswer made;
                try {
                    made = answer.get();
                } catch (RuntimeException | Error e) {
                    LOG.error("a request of an operator failed: this is a defect", e);
                    made = OpsAnswer.text(OpsAnswer.FAILED, "internal error, see the log");
                }
                reply.send(made);
            });
        } catch (RejectedExecutionException e) {
            reply.send(OpsAnswer.text(OpsAnswer.UNAVAILABLE, "too many requests wait here: try again"));
        }
    }

    private void closeIn(ChannelHandlerContext context, int seconds) {
        stopDeadline();
        deadline = context.executor().schedule(() -> close(context), seconds, TimeUnit.SECONDS);
    }

    private static void close(ChannelHandlerContext context) {
        ChannelFuture _ = context.close();
    }

    private void stopDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    /// What is to be sent to one request.
    private final class Reply {
        private final ChannelHandlerContext context;
        private final boolean isHead;
        private final boolean keepsAlive;

        Reply(ChannelHandlerContext context, boolean isHead, boolean keepsAlive) {
            this.context = context;
            this.isHead = isHead;
            this.keepsAlive = keepsAlive;
        }

        private Runnable end = () -> {};
        private volatile boolean isMade;

        void onEnd(Runnable what) {
            end = what;
        }

        /// Whether only the client keeps it.
        boolean isUnread() {
            return isMade;
        }

        void drop() {
            OpsHandler.close(context);
        }

        /// Called once, by any thread.
        void send(OpsAnswer answer) {
            ChannelPromise left = context.newPromise();
            // Before it is written: the client's next request may be there at once.
            left.addListener(_ -> {
                end.run();
                isAnswering = false;
                if (left.isSuccess() && keepsAlive) {
                    closeIn(context, REQUEST_SECONDS);
                } else {
                    OpsHandler.close(context);
                }
            });
            isMade = true;
            ChannelFuture _ = context.writeAndFlush(response(answer), left);
        }

        private FullHttpResponse response(OpsAnswer answer) {
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            ByteBuf content = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body);
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(answer.status()), content);
            response.headers()
                    .set(CONTENT_TYPE, answer.type())
                    .set(CONTENT_LENGTH, body.length)
                    .set(CACHE_CONTROL, "no-store")
                    .set("X-Content-Type-Options", "nosniff")
                    .set(CONTENT_SECURITY_POLICY, answer.policy());
            if (answer.status() == OpsAnswer.NOT_ALLOWED) {
                response.headers().set(ALLOW, "GET, HEAD");
            }
            HttpUtil.setKeepAlive(response, keepsAlive);
            return response;
        }
    }
}
