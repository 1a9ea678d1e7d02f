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
            "keys", "what a terminal sends", largest: 256, texts: ["\u{1B}[A", "q\u{1B}Ox", "\u{1B}[5;2~\u{E9}"]
        ) { bytes in
            var decoder = KeyDecoder()
            _ = decoder.decode(bytes)
            _ = decoder.flush()
            require(!decoder.isWaiting, "nothing is kept after a flush")
        },
    ]
}
