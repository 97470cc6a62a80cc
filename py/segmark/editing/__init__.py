"""Editing a mask by hand (R6): what a stroke or a click on an area covers, as pixels. Nothing here knows of a document."""
