"""A package: one that a distribution installs under the same name would come first otherwise."""
