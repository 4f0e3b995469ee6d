package dev.dyadic.decomposer.tokenize;

import com.knuddels.jtokkit.Encodings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// OpenAI's vocabularies, which jtokkit brings along: on each line the bytes of a token, and its rank, which is its id.
final class TiktokenFiles {
    private TiktokenFiles() {}

    static byte[][] read(String name) {
        List<byte[]> tokens = new ArrayList<>();
        try (InputStream file = Encodings.class.getResourceAsStream("/com/knuddels/jtokkit/" + name + ".tiktoken")) {
            if (file == null) {
                throw new IllegalStateException("jtokkit has no vocabulary " + name);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(file, StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                if (Integer.parseInt(line.substring(space + 1)) != tokens.size()) {
                    throw new IllegalStateException(
                            "vocabulary " + name + " is not in the order of its ranks: " + line);
                }
                tokens.add(Base64.getDecoder().decode(line.substring(0, space)));
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the vocabulary " + name, e);
        }
        return tokens.toArray(byte[][]::new);
    }
}
