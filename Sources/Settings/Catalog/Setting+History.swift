extension Setting {
    package static let historyPath = value(
        "history.path", \.history.path, form: .path, valueName: "file",
        help: "File that keeps what everything used, minute by minute, for energyctl report; none keeps nothing.",
        defaultText: "none; the systemd unit and the DaemonSet have one", show: { $0 ?? "none" }
    ) { (text) throws(Refusal) in text == "none" ? nil : try nonempty(text) }

    package static let historySize = integer(
        "history.size", \.history.size, in: 4...1_000_000, valueName: "MiB",
        help:
            "Largest size of that file in MiB. Where it does not suffice the oldest minutes go first, then the oldest "
            + "hours.")

    package static let historyMinutes = time(
        "history.minutes", \.history.minutes, in: .seconds(7200) ... .seconds(90 * 86_400),
        help: "How long minutes are kept; hours have their sums.")

    package static let historyHours = time(
        "history.hours", \.history.hours, in: .seconds(86_400) ... .seconds(20 * 366 * 86_400),
        help: "How long hours are kept.")
}
