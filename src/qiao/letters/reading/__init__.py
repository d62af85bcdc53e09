"""The way back: from a file to the data of a letter or a proposal, and marks for a person to check."""
