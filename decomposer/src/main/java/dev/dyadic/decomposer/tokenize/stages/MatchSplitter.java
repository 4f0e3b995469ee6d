package dev.dyadic.decomposer.tokenize.stages;

/// Cuts a text at what a pattern matches.
///
/// @param inverted what lies between the matches counts as matched, and the matches do not
record MatchSplitter(Matches matches, Behavior behavior, boolean inverted) implements Splitter {
    @Override
    public void split(byte[] text, int from, int to, Pieces pieces) {
        Parts parts = new Parts(text, from, pieces);
        matches.find(text, from, to, parts::match);
        parts.end(to);
    }

    /// Joins the parts of one text as the behaviour says. One part is held back until it is clear what follows it.
    private final class Parts {
        private final byte[] text;
        private final Pieces pieces;
        private int at;
        private int heldFrom;
        private int heldTo;
        private boolean holds;
        private boolean lastMatched;

        Parts(byte[] text, int from, Pieces pieces) {
            this.text = text;
            this.at = from;
            this.pieces = pieces;
        }

        void match(int from, int to) {
            if (at < from) {
                part(at, from, inverted);
            }
            part(from, to, !inverted);
            at = to;
        }

        void end(int to) {
            if (at < to) {
                part(at, to, inverted);
            }
            give();
        }

        private void part(int from, int to, boolean matched) {
            boolean joins = switch (behavior) {
                case REMOVED, ISOLATED -> false;
                case CONTIGUOUS -> matched == lastMatched;
                case MERGED_WITH_PREVIOUS -> matched && !lastMatched;
                case MERGED_WITH_NEXT -> !matched && lastMatched;
            };
            lastMatched = matched;
            if (joins && holds) {
                heldTo = to;
                return;
            }
            give();
            if (!(matched && behavior == Behavior.REMOVED)) {
                holds = true;
                heldFrom = from;
                heldTo = to;
            }
        }

        private void give() {
            if (holds && heldFrom < heldTo) {
                pieces.piece(text, heldFrom, heldTo);
            }
            holds = false;
        }
    }
}
