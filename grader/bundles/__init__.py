"""Files that travel with a notebook: in a folder, in a zip file, in a bundle."""
