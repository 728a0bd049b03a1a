"""Tariffs: what a period's energy and peaks cost, one pricer per file.

`hours` says which zone an instant belongs to, `tally` sums what a period uses by it, and
`bill` prices those sums in this order, each step seeing what stands above it:

1. `demand`    the billed demand: measured, for its power factor, with the ratchet
2. `fixed`     per month, day or year
3. `energy`    net of export where the tariff nets; tiers; or the price series
4. `export`    what is paid for energy sent out, negative
5. `fuel`      adjustments per kWh
6. `demand`    the charge for 1.
7. `reactive`  energy in excess of what the power factor allows
8. `minimum`   what lacks of the month's minimum, and of the year's
9. `late`      energy of closed periods, as their own terms price it
10. `taxes`    per kWh, then percentages of all that stands above
"""
