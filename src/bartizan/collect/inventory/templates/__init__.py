"""Templates of CloudFormation, read into facts without AWS: what only a deployment can know stays unknown."""
