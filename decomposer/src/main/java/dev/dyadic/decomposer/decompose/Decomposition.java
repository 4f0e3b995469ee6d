package dev.dyadic.decomposer.decompose;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.SplitMix64;
import java.util.ArrayList;
import java.util.List;

/// Splits a document's tokens, from the front, into pieces of power-of-two lengths. A pure function of the number of
/// tokens and, for long documents in `spread`, of a seed.
public record Decomposition(Buckets buckets, Layout layout, LongDocuments longDocuments) {

    /// Pieces in order, each starting where the one before ends. Fewer tokens than the shortest piece are left over.
    ///
    /// @param seed of the draws for long documents; made from the document's id, so that a retry repeats them
    public List<Piece> pieces(int tokens, long seed) {
        List<Piece> pieces = new ArrayList<>();
        int start = 0;
        if (longDocuments == LongDocuments.SPREAD) {
            start = spread(tokens, seed, pieces);
        }
        for (Bucket bucket : buckets.fromLongest()) {
            int size = layout.rowTokens(bucket);
            while (tokens - start >= size) {
                pieces.add(new Piece(start, bucket, size));
                start += size;
            }
        }
        return pieces;
    }

    /// While twice the longest piece remains, the next bucket is drawn with odds proportional to 1/length, so that
    /// every bucket gets the same number of tokens.
    private int spread(int tokens, long seed, List<Piece> pieces) {
        SplitMix64 random = new SplitMix64(seed);
        int enough = layout.rowTokens(buckets.max()) + buckets.maxLength();
        long totalOdds = (1L << buckets.count()) - 1;
        int start = 0;
        while (tokens - start >= enough) {
            // Odds 1 for the longest, 2 for the next, 4, ...: a draw in [2^j - 1, 2^(j+1) - 1) picks the j-th from the
            // top.
            long draw = random.nextBelow(totalOdds);
            int fromTop = Long.SIZE - 1 - Long.numberOfLeadingZeros(draw + 1);
            Bucket bucket = buckets.get(buckets.count() - 1 - fromTop);
            int size = layout.rowTokens(bucket);
            pieces.add(new Piece(start, bucket, size));
            start += size;
        }
        return start;
    }
}
