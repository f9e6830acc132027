"""Views as a scanner makes them, drawn from seeds: sound ones, and ones with exactly one fault in a graded strength."""
