"""What the house does by itself: rules, each off, proposing or doing, within an organization's limits.

`limits` is pure; `settings` switches rules; `rules` says what each looks for and does; `rounds` goes through them, one
occasion a transaction; `change` is the one gate through which every automatic change goes.
"""
