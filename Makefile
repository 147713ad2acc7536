# Aliases for those who type make; ./run does the work and needs no make.
.PHONY: demo up test check build words reset
demo up test check build words reset:
	@./run $@
