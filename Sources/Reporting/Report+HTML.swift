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
        let columns = columns
        func line(_ row: Row) -> String {
            let cells = columns.map { column in
                let value = column.value(row).map { " data-value=\"\($0)\"" } ?? ""
                return "<td\(value)>\(Self.escaped(column.text(row)))</td>"
            }
            return "<tr class=\"\(row.kind)\">\(cells.joined())</tr>"
        }
        let head = columns.map { "<th\($0.isText ? " data-text" : "")>\(Self.escaped($0.title))</th>" }
        return """
            <table id="rows" class="sortable"><thead><tr>\(head.joined())</tr></thead><tbody>
            \(rows.map(line).joined(separator: "\n"))
            </tbody><tfoot>\(line(totalRow))</tfoot></table>
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
