"""What a density says about a picture: areas, versions of a design, crops, gaze order."""
