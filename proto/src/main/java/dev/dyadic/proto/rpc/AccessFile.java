package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
    record Entries(Map<String, Entry> tokens, Map<String, Entry> certificates) {}

    /// @param line of the file, from 1
    record Entry(Caller caller, int line) {}

    AccessFile(Path path) {
        this.file = new FileWatch<>(path, AccessFile::parse);
    }

    @Override
    public Verdict verify(String token) {
        return verdict(file.get().tokens().get(sha256(token)), Verdict.Reason.UNKNOWN_TOKEN);
    }

    Verdict certificate(String commonName) {
        return verdict(file.get().certificates().get(commonName), Verdict.Reason.UNKNOWN_CERTIFICATE);
    }

    private static Verdict verdict(@Nullable Entry entry, Verdict.Reason otherwise) {
        return entry == null ? new Verdict.Refused(otherwise) : Verdict.Known.forGood(entry.caller());
    }

    static Entries parse(String text) {
        Map<String, Entry> tokens = new HashMap<>();
        Map<String, Entry> certificates = new HashMap<>();
        List<String> lines = text.lines().toList();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                parse(line, number, tokens, certificates);
            } catch (InvalidException e) {
                // No value of the line is shown: in a wrong line any of them may be a secret.
                throw new InvalidException("line " + number + " of the file of callers is wrong: " + e.getMessage(), e);
            }
        }
        return new Entries(Map.copyOf(tokens), Map.copyOf(certificates));
    }

    private static void parse(String line, int number, Map<String, Entry> tokens, Map<String, Entry> certificates) {
        String[] fields = line.split("\\s+", FIELDS);
        if (fields.length != FIELDS) {
            throw new InvalidException("it must be NAME ROLES CREDENTIAL, but has " + fields.length + " fields");
        }
        if (kind(fields[0]) != CredentialKind.NONE) {
            throw new InvalidException("it must be NAME ROLES CREDENTIAL, but begins with a credential");
        }
        Entry entry = new Entry(new Caller(fields[0], roles(fields[1])), number);
        String content = fields[2].substring(fields[2].indexOf(':') + 1);
        Entry before = switch (kind(fields[2])) {
            case SHA256 -> tokens.put(requireDigest(content), entry);
            case TOKEN -> tokens.put(sha256(requireLong(content)), entry);
            case CERT -> certificates.put(content, entry);
            case NONE -> throw new InvalidException("a credential must begin with sha256:, token: or cert:");
        };
        if (before != null) {
            throw new InvalidException("its credential stands in line " + before.line() + " too");
        }
    }

    private enum CredentialKind {
        SHA256,
        TOKEN,
        CERT,
        NONE
    }

    private static CredentialKind kind(String field) {
        int colon = field.indexOf(':');
        return switch (colon < 0 ? "" : field.substring(0, colon)) {
            case "sha256" -> CredentialKind.SHA256;
            case "token" -> CredentialKind.TOKEN;
            case "cert" -> CredentialKind.CERT;
            default -> CredentialKind.NONE;
        };
    }

    private static Set<Role> roles(String texts) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String text : Role.words(texts)) {
            roles.add(Role.of(text)
                    .orElseThrow(() -> new InvalidException("a role must be one of " + Role.known()
                            + "; several are separated by commas, without blanks")));
        }
        return roles;
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
