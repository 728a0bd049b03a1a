-- Schema 4. An adjustment knows what its energy costs, by price per kWh: {"0.3": joules}. Those
-- of before were priced by their sources' rates, which the closed periods' terms still tell.

ALTER TABLE adjustments ADD COLUMN rates TEXT NOT NULL DEFAULT '{}';
