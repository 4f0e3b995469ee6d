package dev.dyadic.decomposer.tokenize;

import java.util.Random;

/// Texts of all that tokenizers stumble over.
public final class RandomTexts {
    private static final int[][] BLOCKS = {
        {0x20, 0x7E},
        {0x20, 0x7E},
        {0xA0, 0x24F},
        {0x300, 0x36F},
        {0x370, 0x4FF},
        {0x590, 0x6FF},
        {0xE00, 0xE7F},
        {0x1100, 0x11FF},
        {0x2000, 0x206F},
        {0x2150, 0x218F},
        {0x3000, 0x30FF},
        {0x4E00, 0x9FFF},
        {0xAC00, 0xD7A3},
        {0xFE00, 0xFE0F},
        {0xFF00, 0xFFEF},
        {0x1D400, 0x1D7FF},
        {0x1F300, 0x1FAFF},
        {0x10000, 0x1FFFF}
    };
    private static final String[] WORDS = {
        "the",
        "don't",
        "I'LL",
        "we've",
        "they're",
        "it's",
        "S'ſ",
        "NEW",
        "York",
        "camelCase",
        "XMLHttp",
        "x_y->z();",
        "/* */",
        "//",
        "http://a.b/c?d",
        "1234567",
        "3.14",
        "cafe\u0301",
        "naïve",
        "\uD83D\uDC69\u200D\uD83D\uDD2C"
    };
    private static final String[] SPACES = {
        " ", " ", "  ", "\n", "\t", "\r\n", "\n\n ", "\u00a0", "\u3000", "\u2028", "\u0000", "\u0085", "   ", " \n \t"
    };

    private RandomTexts() {}

    public static String text(Random chance) {
        StringBuilder text = new StringBuilder();
        for (int i = chance.nextInt(20); i >= 0; i--) {
            switch (chance.nextInt(5)) {
                case 0 -> text.append(WORDS[chance.nextInt(WORDS.length)]);
                case 1 -> text.append(SPACES[chance.nextInt(SPACES.length)]);
                case 2 -> text.append(character(chance).repeat(1 + chance.nextInt(12)));
                default -> text.append(character(chance)).append(character(chance));
            }
        }
        return text.toString();
    }

    private static String character(Random chance) {
        int[] block = BLOCKS[chance.nextInt(BLOCKS.length)];
        return Character.toString(block[0] + chance.nextInt(block[1] - block[0] + 1));
    }
}
