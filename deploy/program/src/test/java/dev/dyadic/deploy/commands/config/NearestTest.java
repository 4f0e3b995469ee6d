package dev.dyadic.deploy.commands.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> NAMES =
            List.of("--tokens-per-step", "--tokenizer", "--max-length", "--min-length", "--max-wait", "-o", "-v");

    @Test
    void aMistypedNameIsFound() {
        assertThat(Nearest.of("--tokens-per-stp", NAMES)).contains("--tokens-per-step");
        assertThat(Nearest.of("--tokens_per_step", NAMES)).contains("--tokens-per-step");
        assertThat(Nearest.of("--tokeniser", NAMES)).contains("--tokenizer");
        assertThat(Nearest.of("--mxa-length", NAMES)).contains("--max-length");
        assertThat(Nearest.of("--min-lenght", NAMES)).contains("--min-length");
        assertThat(Nearest.of("--tokens", NAMES)).contains("--tokens-per-step");
    }

    @Test
    void nothingIsOfferedForWhatIsFarFromAll() {
        assertThat(Nearest.of("--banana", NAMES)).isEmpty();
        assertThat(Nearest.question("--banana", NAMES)).isEmpty();
    }

    @Test
    void editsAreThoseOfASlowOracle() {
        List<String> words = List.of("", "a", "ab", "ba", "abc", "acb", "bca", "aab", "abab", "cabb");
        for (String from : words) {
            for (String to : words) {
                assertThat(Nearest.edits(from, to)).as("%s to %s", from, to).isEqualTo(slow(from, to));
            }
        }
    }

    private static int slow(String from, String to) {
        if (from.isEmpty() || to.isEmpty()) {
            return from.length() + to.length();
        }
        int change = from.charAt(0) == to.charAt(0) ? 0 : 1;
        int least = Math.min(slow(from.substring(1), to.substring(1)) + change, slow(from.substring(1), to) + 1);
        least = Math.min(least, slow(from, to.substring(1)) + 1);
        if (from.length() > 1 && to.length() > 1 && from.charAt(0) == to.charAt(1) && from.charAt(1) == to.charAt(0)) {
            least = Math.min(least, slow(from.substring(2), to.substring(2)) + 1);
        }
        return least;
    }
}
