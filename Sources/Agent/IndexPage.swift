internal import Engine

/// `/`: a list of the paths, for people.
let indexPage: String = {
    let rows = Endpoint.allCases.filter { $0 != .index }.map { endpoint in
        "<li><a href=\"\(endpoint.rawValue)\">\(endpoint.rawValue)</a>: \(endpoint.summary)</li>"
    }
    return """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>energyd</title>
        <style>body{font:16px/1.5 system-ui,sans-serif;margin:3em auto;max-width:40em;padding:0 1em}</style></head>
        <body>
        <h1>energyd \(energydBuild)</h1>
        <p>Energy and CO2 of this node's containers, pods, services and processes.</p>
        <ul>
        \(rows.joined(separator: "\n"))
        </ul>
        <p>On the node: <code>energyctl top</code></p>
        </body></html>

        """
}()
