"""What mkdocs.yml hooks into the build of the site: pages from beside docs/, links, figures."""
