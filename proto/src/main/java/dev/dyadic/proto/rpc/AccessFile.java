package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A file of callers: a line each, `NAME ROLES CREDENTIAL`; blank lines and those that begin with `#` are left out.
///
/// ROLES are separated by commas. CREDENTIAL is `sha256:` and the token's SHA-256 in 64 hexadecimal digits, or `token:`
/// and the token itself, or `cert:` and the common name of a client certificate. Read anew when it changes.
final class AccessFile implements TokenVerifier {
    private static final int MIN_TOKEN_LENGTH = 16;
    private static final int FIELDS = 3;
    private static final int SHA256_HEX_LENGTH = 64;

    private final FileWatch<Entries> file;

    /// @param tokens by the SHA-256 of the token, in hexadecimal digits: looking one up tells nothing by the time it
    /// takes
    /// @param certificates by common name
    record Entries(Map<String, Caller> tokens, Map<String, Caller> certificates) {}

    AccessFile(Path path) {
        this.file = new FileWatch<>(path, AccessFile::parse);
    }

    @Override
    public Optional<Caller> verify(String token) {
        return Optional.ofNullable(file.get().tokens().get(sha256(token)));
    }

    Optional<Caller> certificate(String commonName) {
        return Optional.ofNullable(file.get().certificates().get(commonName));
    }

    static Entries parse(String text) {
        Map<String, Caller> tokens = new HashMap<>();
        Map<String, Caller> certificates = new HashMap<>();
        List<String> lines = text.lines().toList();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                parse(line, tokens, certificates);
            } catch (InvalidException e) {
                // The line itself may hold a secret.
                throw new InvalidException("line " + number + " of the file of callers is wrong: " + e.getMessage(), e);
            }
        }
        return new Entries(Map.copyOf(tokens), Map.copyOf(certificates));
    }

    private static void parse(String line, Map<String, Caller> tokens, Map<String, Caller> certificates) {
        String[] fields = line.split("\\s+", FIELDS);
        if (fields.length != FIELDS) {
            throw new InvalidException("it must be NAME ROLES CREDENTIAL, but has " + fields.length + " fields");
        }
        Caller caller = new Caller(fields[0], Role.parse(fields[1]));
        String credential = fields[2];
        int colon = credential.indexOf(':');
        String content = credential.substring(colon + 1);
        Caller before = switch (colon < 0 ? "" : credential.substring(0, colon)) {
            case "sha256" -> tokens.put(requireDigest(content), caller);
            case "token" -> tokens.put(sha256(requireLong(content)), caller);
            case "cert" -> certificates.put(content, caller);
            default -> throw new InvalidException("a credential must begin with sha256:, token: or cert:");
        };
        if (before != null) {
            throw new InvalidException("its credential is that of " + before.name() + " too");
        }
    }

    private static String requireDigest(String hex) {
        if (hex.length() != SHA256_HEX_LENGTH || !hex.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw new InvalidException("sha256: must be followed by 64 hexadecimal digits");
        }
        return hex.toLowerCase(Locale.ROOT);
    }

    private static String requireLong(String token) {
        if (token.length() < MIN_TOKEN_LENGTH) {
            throw new InvalidException("a token must have at least " + MIN_TOKEN_LENGTH + " characters");
        }
        return token;
    }

    private static String sha256(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
