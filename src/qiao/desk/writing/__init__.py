"""Where papers are written: proposals, incoming files, replies, other texts. Views and the editor's pure parts."""
