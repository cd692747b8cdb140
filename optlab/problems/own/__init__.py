"""What a user brings: a model in a Python file, images in an npz file or a folder."""
