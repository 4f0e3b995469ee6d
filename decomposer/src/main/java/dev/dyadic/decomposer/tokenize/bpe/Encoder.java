package dev.dyadic.decomposer.tokenize.bpe;

import dev.dyadic.decomposer.tokenize.stages.Pieces;
import dev.dyadic.proto.Utf8;
import java.util.Arrays;

/// Pieces of one text to ids, one text after the other. Not safe for use by several threads.
///
/// Short pieces that were seen lately are kept. Others are taken apart from left to right: the longest token first,
/// back where it does not stand well beside its neighbour; each place is looked at once, so that the time is linear.
/// Merges that are not orderly go through [MergeTree].
public final class Encoder implements Pieces {
    private static final int KEPT_IDS = 1 << 18;
    private static final int NO_ID = -1;

    private final Vocabulary vocabulary;
    private final PieceCache cache = new PieceCache();
    private final PairCache pairs = new PairCache();
    private final MergeTree tree;

    private int[] ids = new int[1 << 12];
    private int count;
    /// Places of the piece from which its end cannot be reached.
    private long[] dead = new long[16];

    public Encoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        this.tree = new MergeTree(vocabulary.merges());
    }

    /// Adds an id that is no piece's.
    public void add(int id) {
        reserve(1);
        ids[count++] = id;
    }

    /// Number of ids since the last call of [#take].
    public int count() {
        return count;
    }

    /// The ids, which are the caller's from now on; the array may have room behind [#count]. The encoder begins anew.
    public int[] take() {
        int[] taken;
        if (count > KEPT_IDS) {
            taken = ids;
            ids = new int[1 << 12];
        } else {
            taken = Arrays.copyOf(ids, count);
        }
        count = 0;
        return taken;
    }

    @Override
    public void piece(byte[] text, int from, int to) {
        Joins joins = vocabulary.joins();
        if (joins == null) {
            cached(text, from, to);
            return;
        }
        int token = whole(text, from, to);
        if (token == NO_ID) {
            cut(text, from, to, joins);
        } else {
            add(token);
        }
    }

    /// Cuts a piece of characters where no token can be across, and where one stands that is no token.
    private void cut(byte[] text, int from, int to, Joins joins) {
        int begin = from;
        int at = from;
        int before = NO_ID;
        while (at < to) {
            int codePoint = Utf8.at(text, at);
            int end = at + Utf8.length(text[at]);
            boolean known = vocabulary.characterId(codePoint) != NO_ID;
            if (begin < at && !(known && joins.join(before, codePoint))) {
                cached(text, begin, at);
                begin = at;
            }
            if (!known) {
                bytes(text, at, end);
                begin = end;
            }
            before = codePoint;
            at = end;
        }
        if (begin < to) {
            cached(text, begin, to);
        }
    }

    private void cached(byte[] text, int from, int to) {
        if (to - from > PieceCache.MAX_BYTES) {
            encode(text, from, to);
            return;
        }
        reserve(PieceCache.MAX_BYTES);
        int found = cache.find(text, from, to, ids, count);
        if (found > 0) {
            count += found;
            return;
        }
        int begin = count;
        encode(text, from, to);
        cache.keep(ids, begin, count);
    }

    private void encode(byte[] text, int from, int to) {
        boolean isPiece = vocabulary.joins() == null;
        if (vocabulary.isOrderly(text, from, to)) {
            // Where the piece is a token that merging gives, walking finds it at once.
            int token = isPiece ? vocabulary.unmerged(text, from, to) : NO_ID;
            if (token == NO_ID) {
                walk(text, from, to);
            } else {
                add(token);
            }
        } else {
            int token = isPiece ? whole(text, from, to) : NO_ID;
            if (token == NO_ID) {
                merge(text, from, to);
            } else {
                add(token);
            }
        }
    }

    /// The token that the piece is without being merged, or -1.
    private int whole(byte[] text, int from, int to) {
        if (!vocabulary.wholeFirst()) {
            return NO_ID;
        }
        int token = vocabulary.unmerged(text, from, to);
        return token == NO_ID ? vocabulary.whole(text, from, to) : token;
    }

    private void walk(byte[] text, int from, int to) {
        int begin = count;
        int at = from;
        int previous = NO_ID;
        boolean cleared = false;
        int token = vocabulary.longest(text, at, to);
        while (true) {
            if (token == NO_ID) {
                if (!cleared) {
                    clearDead(to - from);
                    cleared = true;
                }
                dead[(at - from) >> 6] |= 1L << (at - from);
                if (count == begin) {
                    throw new IllegalStateException("no tokens for the bytes " + from + " to " + to + " of a text");
                }
                token = ids[--count];
                at -= vocabulary.length(token);
                previous = count > begin ? ids[count - 1] : NO_ID;
                token = vocabulary.prefix(token);
                continue;
            }
            int end = at + vocabulary.length(token);
            boolean fits = !(cleared && isDead(end - from)) && (previous == NO_ID || compatible(previous, token));
            if (!fits) {
                token = vocabulary.prefix(token);
                continue;
            }
            reserve(1);
            ids[count++] = token;
            if (end == to) {
                return;
            }
            at = end;
            previous = token;
            token = vocabulary.longest(text, at, to);
        }
    }

    private boolean isDead(int place) {
        return (dead[place >> 6] & (1L << place)) != 0;
    }

    private void clearDead(int places) {
        int words = (places >> 6) + 1;
        if (dead.length < words || dead.length > 1 << 12) {
            dead = new long[words];
        } else {
            Arrays.fill(dead, 0, words, 0);
        }
    }

    private boolean compatible(int left, int right) {
        int known = pairs.find(left, right);
        if (known >= 0) {
            return known > 0;
        }
        boolean compatible = vocabulary.compatible(left, right);
        pairs.keep(left, right, compatible);
        return compatible;
    }

    private void merge(byte[] text, int from, int to) {
        int begin = count;
        if (vocabulary.symbolsAreBytes()) {
            bytes(text, from, to);
        } else {
            reserve(symbols(text, from, to));
            for (int at = from; at < to; at += Utf8.length(text[at])) {
                int id = vocabulary.characterId(Utf8.at(text, at));
                if (id == NO_ID) {
                    bytes(text, at, at + Utf8.length(text[at]));
                } else {
                    ids[count++] = id;
                }
            }
        }
        count = begin + tree.merge(ids, begin, count - begin);
    }

    private void bytes(byte[] text, int from, int to) {
        reserve(to - from);
        for (int at = from; at < to; at++) {
            ids[count++] = vocabulary.byteId(text[at]);
        }
    }

    private int symbols(byte[] text, int from, int to) {
        int symbols = 0;
        for (int at = from; at < to; at += Utf8.length(text[at])) {
            symbols += vocabulary.characterId(Utf8.at(text, at)) != NO_ID ? 1 : Utf8.length(text[at]);
        }
        return symbols;
    }

    private void reserve(int more) {
        if (ids.length - count < more) {
            grow(more);
        }
    }

    private void grow(int more) {
        int capacity = count + count / 4 + 1024;
        // One more for the end of the text, which would otherwise copy all of it.
        ids = Arrays.copyOf(ids, Math.max(capacity, count + more + 1));
    }
}
