/// How much CO2 equivalent a kWh from the grid causes, and the source of the figure.
package struct CarbonIntensity: Sendable, Equatable {
    /// gCO2e per kWh at the wall.
    package let gramsPerKilowattHour: Double
    /// In words for people: `Germany 2025, yearly mean (Ember)`.
    package let source: String
    package let kind: FactorKind

    package init(gramsPerKilowattHour: Double, source: String, kind: FactorKind = .configured) {
        self.gramsPerKilowattHour = gramsPerKilowattHour
        self.source = source
        self.kind = kind
    }
}

extension CarbonIntensity {
    /// The yearly mean of the country with this ISO 3166-1 code, alpha-2 or alpha-3, in any case; also `EU`, `WORLD`,
    /// and the European Union's own `UK` and `EL`. Nil for codes that are not in the table.
    package static func country(_ code: String) -> CarbonIntensity? {
        countries.byCode[code.uppercased()]?.intensity
    }

    /// The mean of the world's grids, for nodes whose place is not known.
    /// Ember's figure for 2025, through Our World in Data, CC BY 4.0.
    package static let world = CarbonIntensity(
        gramsPerKilowattHour: 458.29, source: "World 2025, yearly mean (Ember)", kind: .published)

    /// The alpha-2 codes of the table, `EU` and `WORLD`, sorted.
    package static var knownCodes: [String] { countries.codes }

    /// Up to five known codes for what was meant by `input`: those of the countries whose names begin with it, then
    /// those one letter away.
    package static func suggestions(for input: String) -> [String] {
        let wanted = input.lowercased()
        guard !wanted.isEmpty else { return [] }
        let byName = countries.codes.filter { countries.byCode[$0]?.name.lowercased().hasPrefix(wanted) == true }
        let byCode = countries.codes.filter { code in
            code.count == wanted.count && zip(code.lowercased(), wanted).count(where: { $0 != $1 }) == 1
        }
        return Array((byName + byCode.filter { !byName.contains($0) }).prefix(5))
    }

    private struct Country {
        var name: String
        var intensity: CarbonIntensity
    }

    private struct Countries {
        var byCode: [String: Country]
        var codes: [String]
    }

    private static let aliases = ["UK": "GB", "EL": "GR"]

    /// Read on first use: a node looks up one country, once.
    private static let countries: Countries = {
        var result = Countries(byCode: ["WORLD": Country(name: "World", intensity: world)], codes: ["WORLD"])
        for row in countryRows.split(separator: "\n") {
            let fields = row.split(separator: " ", maxSplits: 4)
            guard fields.count == 5, let grams = Double(fields[3]) else { continue }
            let intensity = CarbonIntensity(
                gramsPerKilowattHour: grams, source: "\(fields[4]) \(fields[2]), yearly mean (Ember)",
                kind: .published)
            let country = Country(name: String(fields[4]), intensity: intensity)
            result.codes.append(String(fields[0]))
            result.byCode[String(fields[0])] = country
            if fields[1] != "-" {
                result.byCode[String(fields[1])] = country
            }
        }
        for (alias, code) in aliases {
            result.byCode[alias] = result.byCode[code]
        }
        result.codes.sort()
        return result
    }()
}
