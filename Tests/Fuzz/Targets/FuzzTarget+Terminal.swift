internal import Linux
internal import Terminal

extension FuzzTarget {
    /// What reaches a terminal, and what comes from one.
    static let terminal = [
        FuzzTarget(
            "shown-text", "a name or a message that is shown", largest: 512,
            texts: ["web", "a\u{1B}[31mb\u{202E}c\u{200B}"]
        ) { bytes in
            let name = text(bytes)
            requirePrintable(printable(name))
            for depth in Look.Depth.allCases {
                let shown = Line(name).rendered(width: 40, look: Look(depth, isASCII: depth == .sixteen))
                requirePrintable(shown)
            }
        },
        FuzzTarget(
            "top-filter", "a filter as it is typed", largest: 1024,
            texts: ["watts>1 and (ns=prod or not name~x)", "!\"two words\" label:team=a", "((((!"]
        ) { bytes in
            _ = RowFilter(parsing: text(bytes)).ignored
        },
        FuzzTarget(
            "top-settings", "what top.conf may have become", largest: 4096,
            texts: ["columns = watts,cpu\nsort = joules\n", "# x\naverage = 10s\npalette=colour-blind"]
        ) { bytes in
            let settings = TopSettings.parse(text(bytes)).settings
            require(TopSettings.parse(settings.text).settings == settings, "what is written is read")
        },
        FuzzTarget(
            "keys", "what a terminal sends", largest: 256, texts: ["\u{1B}[A", "q\u{1B}Ox", "\u{1B}[5;2~\u{E9}"]
        ) { bytes in
            var decoder = KeyDecoder()
            _ = decoder.decode(bytes)
            _ = decoder.flush()
            require(!decoder.isWaiting, "nothing is kept after a flush")
        },
    ]
}
