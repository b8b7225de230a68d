"""What checkov and cdk-nag find in template.yaml, held against answers.yaml: each is fixed, or answered."""
