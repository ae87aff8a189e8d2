"""What Abaco answers, resource by resource."""
