"""What can be asked of the application. Every command has one shape: load (what it decides upon), decide (pure), commit."""
