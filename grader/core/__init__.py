"""What everybody uses: errors, texts, values, limits, files. Imports no other room."""
