"""What the application can be asked to do. Every command loads what it decides upon, decides, and commits."""
