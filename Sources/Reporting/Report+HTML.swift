internal import Formatting
internal import History
internal import Snapshot

extension Report {
    /// As JSON, with everything.
    package func json() throws -> [UInt8] {
        try ByteSink.collect { try JSONStream.write(self, to: $0) } + [UInt8(ascii: "\n")]
    }

    /// As one page that needs nothing else: charts, sortable tables, light and dark, fit for printing.
    ///
    /// - Parameter generatedAt: Unix time, s.
    package func html(generatedAt: Int64) throws -> String {
        let title = heading.joined(separator: ", ")
        // Within a script element, only `</` and `<!--` could end it.
        let data = String(decoding: try json(), as: UTF8.self).replacing("<", with: "\\u003c")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(Self.escaped(title))</title>
            <style>
            \(ReportPage.style)
            </style>
            </head>
            <body>
            <header><h1>\(Self.escaped(heading[0]))</h1><p>\(Self.escaped(heading[1]))</p></header>
            <main>
            <section id="figures" class="figures"></section>
            <section><h2>Over time</h2><div id="chart"></div><ul id="legend" class="legend"></ul></section>
            <section><h2>By \(Self.escaped(dimension))</h2><div class="wide">\(htmlTable)</div></section>
            <section><h2>How we know</h2>
            <ul>
            \(notes.map { "<li>\(Self.escaped($0))</li>" }.joined(separator: "\n"))
            <li>Rows add up to the node exactly, in whole microjoules: idle, system and unattributed energy are rows too.</li>
            <li>Idle is what the node draws whether or not anything runs; the energy of workloads is what they cause beyond
            that, unless the agent was told to charge them for it.</li>
            </ul>
            <table><thead><tr><th>Zone</th><th>Source</th><th>Quality</th><th>Its division</th></tr></thead><tbody>
            \(zones.map(Self.zoneRow).joined(separator: "\n"))
            </tbody></table>
            </section>
            </main>
            <footer>energyd report, made \(Self.escaped(LocalCalendar.moment(generatedAt).text))</footer>
            <script type="application/json" id="data">\(data)</script>
            <script>
            \(ReportPage.script)
            </script>
            </body>
            </html>

            """
    }

    /// The table without scripts: they only sort it.
    private var htmlTable: String {
        func cell(_ text: String, _ value: Double?) -> String {
            "<td data-value=\"\(value.map { "\($0)" } ?? "")\">\(Self.escaped(text))</td>"
        }
        let hasChange = previous != nil
        var head = ["<th data-text>\(Self.escaped(dimension))</th>", "<th>Energy</th>", "<th>Share</th>"]
        if hasChange { head.append("<th>Change</th>") }
        head.append("<th>CO2e</th>")
        if restatement != nil { head.append("<th>Restated</th>") }
        if let currency { head.append("<th>\(Self.escaped(currency))</th>") }
        head += ["<th>CPU time</th>", "<th>Measured</th>"]
        func line(_ row: Row, _ name: String) -> String {
            let figures = row.figures
            var cells = [
                "<td>\(Self.escaped(name))</td>",
                cell(Amount.energy(figures.microjoules), Double(figures.microjoules)),
                cell(Amount.percent(row.share), row.share),
            ]
            if hasChange {
                let before = row.previousMicrojoules
                let change = before.flatMap { $0 > 0 ? Double(figures.microjoules) / Double($0) : nil }
                cells.append(cell(Amount.change(figures.microjoules, before), change))
            }
            cells.append(cell(Amount.mass(figures.emissionsMicrograms), figures.grams))
            if restatement != nil {
                cells.append(cell(Amount.mass(row.restatedMicrograms), row.restatedMicrograms.map(Double.init)))
            }
            if currency != nil { cells.append(cell(Amount.cost(figures.costNanos), figures.cost)) }
            cells += [
                cell(Amount.cpu(figures.cpuMicroseconds), Double(figures.cpuMicroseconds)),
                cell(Amount.percent(figures.measuredShare), figures.measuredShare),
            ]
            return "<tr class=\"\(row.kind)\">\(cells.joined())</tr>"
        }
        var whole = Row(name: "total", kind: "total", figures: total)
        (whole.share, whole.previousMicrojoules) = (1, previous?.microjoules)
        whole.restatedMicrograms = restatement?.emissionsMicrograms
        let body = rows.map { line($0, $0.title) }.joined(separator: "\n")
        return """
            <table id="rows" class="sortable"><thead><tr>\(head.joined())</tr></thead><tbody>
            \(body)
            </tbody><tfoot>\(line(whole, "total"))</tfoot></table>
            """
    }

    private static func zoneRow(_ zone: HistoryZone) -> String {
        let cells = [zone.name, zone.source, zone.quality, zone.dynamicQuality ?? "not divided"]
        return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }

    /// Text for HTML, in elements and quoted attributes.
    private static func escaped(_ text: String) -> String {
        text.printable().replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
