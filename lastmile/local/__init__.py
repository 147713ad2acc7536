"""What `./run` needs to set Lastmile up and start it on one machine; with the standard library alone."""
