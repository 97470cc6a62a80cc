"""Generator of the three sample images: textures, defects, scenes, PNG writing. numpy only."""
