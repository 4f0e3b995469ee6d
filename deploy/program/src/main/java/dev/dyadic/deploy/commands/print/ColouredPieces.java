package dev.dyadic.deploy.commands.print;

import dev.dyadic.decomposer.tokenize.Tokens;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntFunction;

/// The pieces of a text and their ids: in a terminal on backgrounds that alternate, elsewhere with bars between them.
public final class ColouredPieces {
    /// Blue, green, violet, ochre, red: dark enough for white letters.
    private static final int[] BACKGROUNDS = {24, 22, 54, 58, 88};

    private ColouredPieces() {}

    /// @param pieces the bytes of each; a part of a character is shown in hexadecimal
    public static Object pieces(List<byte[]> pieces, boolean colours) {
        return Output.coloured(join(pieces.size(), i -> shown(pieces.get(i)), colours, "|"));
    }

    /// The first ids, in the colours of their pieces.
    public static Object ids(Tokens tokens, int count, boolean colours) {
        return Output.coloured(join(count, i -> Integer.toString(tokens.get(i)), colours, " "));
    }

    private static String join(int count, IntFunction<String> part, boolean colours, String separator) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String text = part.apply(i);
            parts.add(
                    colours
                            ? "\u001b[97;48;5;%dm%s\u001b[0m".formatted(BACKGROUNDS[i % BACKGROUNDS.length], text)
                            : text);
        }
        return String.join(colours && separator.equals("|") ? "" : separator, parts);
    }

    private static String shown(byte[] piece) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(piece))
                    .toString();
        } catch (CharacterCodingException e) {
            return "<" + HexFormat.of().formatHex(piece) + ">";
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> append(shown, c));
        return shown.toString();
    }

    /// What would move the cursor, or be seen as something else, is written out.
    private static void append(StringBuilder to, int c) {
        switch (Character.getType(c)) {
            case Character.CONTROL ->
                to.append(
                        switch (c) {
                            case '\n' -> "\\n";
                            case '\r' -> "\\r";
                            case '\t' -> "\\t";
                            default -> "\\u%04x".formatted(c);
                        });
            case Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> to.append("\\u%04x".formatted(c));
            default -> to.appendCodePoint(c);
        }
    }
}
