"""What a training would take, before anything is trained."""
