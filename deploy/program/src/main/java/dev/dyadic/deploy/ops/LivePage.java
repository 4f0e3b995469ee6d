package dev.dyadic.deploy.ops;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The page, and what a browser may do for it: only the script and the style that are in it, by their digests (Content
/// Security Policy Level 3), and data from this server.
record LivePage(String html, String policy) {
    private static final Pattern STYLE = Pattern.compile("<link rel=\"stylesheet\" href=\"([a-z.]+)\" />");
    private static final Pattern SCRIPT = Pattern.compile("<script src=\"([a-z.]+)\"></script>");

    /// The page as one file: what it names is put into it.
    static LivePage load() {
        String html = with(with(resource("live.html"), STYLE, "style"), SCRIPT, "script");
        return new LivePage(
                html,
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                        + " connect-src 'self'; img-src data:; style-src " + digests(html, "style")
                        + "; script-src " + digests(html, "script"));
    }

    OpsAnswer answer() {
        return new OpsAnswer(OpsAnswer.OK, "text/html; charset=utf-8", html, policy);
    }

    private static String with(String html, Pattern reference, String element) {
        return reference
                .matcher(html)
                .replaceAll(name -> Matcher.quoteReplacement(
                        "<" + element + ">\n" + resource(name.group(1)) + "</" + element + ">"));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(LivePage.class.getResourceAsStream("page/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("a part of the page is missing from this program: " + name, e);
        }
    }

    /// `'sha256-…'` of each element of the name.
    private static String digests(String html, String element) {
        Matcher elements = Pattern.compile("<" + element + ">(.*?)</" + element + ">", Pattern.DOTALL)
                .matcher(html);
        List<String> digests = new ArrayList<>();
        while (elements.find()) {
            digests.add("'sha256-" + Base64.getEncoder().encodeToString(sha256(elements.group(1))) + "'");
        }
        return String.join(" ", digests);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
