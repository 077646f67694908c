"""What a density says about a picture: areas of interest, versions of a design, crops, gaze order."""
