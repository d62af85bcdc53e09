"""The same as the pages, as JSON: what is public for everybody, one's own cases for whoever is signed in."""
