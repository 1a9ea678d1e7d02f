/// A column of a table.
struct ReportColumn {
    let title: String
    /// Words, to the left.
    var isText = false
    /// What it shows of a row.
    let text: (Report.Row) -> String
    /// What it is sorted by; nil for words, and for what is not known.
    let value: (Report.Row) -> Double?
}

extension Report {
    /// The columns that all forms of a table have.
    var columns: [ReportColumn] {
        let energy = Scale.energy(total.microjoules)
        let mass = Scale.mass(max(total.emissionsMicrograms ?? 0, restatement?.emissionsMicrograms ?? 0))
        let time = Scale.cpu(total.cpuMicroseconds)
        func amounts(_ title: String, _ scale: Scale, _ value: @escaping (Row) -> Int64?) -> ReportColumn {
            ReportColumn(title: title, text: { scale.text(value($0)) }, value: { value($0).map(Double.init) })
        }
        func shares(_ title: String, _ value: @escaping (Row) -> Double?) -> ReportColumn {
            ReportColumn(title: title, text: { Amount.percent(value($0)) }, value: value)
        }
        var columns = [
            ReportColumn(title: dimension.uppercased(), isText: true, text: \.title, value: { _ in nil }),
            amounts(energy.unit, energy) { $0.figures.microjoules }, shares("SHARE", \.share),
        ]
        if previous != nil {
            columns.append(
                ReportColumn(
                    title: "CHANGE", text: { Amount.change($0.figures.microjoules, $0.previousMicrojoules) },
                    value: { row in
                        row.previousMicrojoules.flatMap { $0 > 0 ? Double(row.figures.microjoules) / Double($0) : nil }
                    }))
        }
        columns.append(amounts("\(mass.unit)CO2e", mass) { $0.figures.emissionsMicrograms })
        if restatement != nil { columns.append(amounts("RESTATED", mass) { $0.restatedMicrograms }) }
        if let currency {
            let cost = Scale.cost(total.costNanos ?? 0, currency)
            columns.append(amounts(cost.unit, cost) { $0.figures.costNanos })
        }
        columns.append(amounts("CPU \(time.unit)", time) { $0.figures.cpuMicroseconds })
        columns.append(shares("MEASURED") { $0.figures.measuredShare })
        return columns
    }

    /// The last row.
    var totalRow: Row {
        var row = Row(name: "total", kind: "total", figures: total)
        row.share = total.microjoules > 0 ? 1 : nil
        row.previousMicrojoules = previous?.microjoules
        row.restatedMicrograms = restatement?.emissionsMicrograms
        return row
    }
}
