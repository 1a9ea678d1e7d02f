internal import Formatting
internal import Querying
internal import Reporting
internal import SnapshotSamples
internal import Telemetry

extension FuzzTarget {
    /// What clients of the agent send.
    static let requests = [
        FuzzTarget(
            "accept", "the headers by which a client chooses a format", largest: 8192,
            texts: [
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                "gzip;q=0, *", "text/*;q=\"1,\";a=\"", ";;q=1e999,,", "text/plain;version=\"0.0.4\";charset=latin1",
            ]
        ) { bytes in
            let header = AcceptHeader(text(bytes))
            _ = header.takes(coding: "gzip")
            let type = TextFormat.negotiated(header).contentType
            // Nothing of the client's gets into the answer, but for a scheme that is known.
            let known = ["allow-utf-8", "underscores", "dots", "values"]
            let plain = known.reduce(type) {
                $1.isEmpty ? $0 : $0.hasSuffix("; escaping=" + $1) ? String($0.dropLast($1.utf8.count + 11)) : $0
            }
            require(
                [
                    "text/plain; version=0.0.4; charset=utf-8", "text/plain; version=1.0.0; charset=utf-8",
                    "application/openmetrics-text; version=1.0.0; charset=utf-8",
                    "application/openmetrics-text; version=0.0.1; charset=utf-8",
                ].contains(plain), type)
        },
        FuzzTarget(
            "query", "the query of /api/v1/workloads",
            texts: [
                "level=pod,container&sort=-power&limit=10&filter=namespace%3Dshop%2Cname~web&fields=id,name",
                "a=%zz&+=",
                "filter=name%3D%22a%2Cb%5C%22%22",
            ]
        ) { bytes in
            do throws(QueryProblem) {
                let query = try WorkloadQuery(QueryString(text(bytes)))
                require(query.limit.map { $0 > 0 } ?? true, "a limit shows something")
                let answer = try? ByteSink.collect { try query.write(answerFrom: sample, to: $0) }
                require(answer?.last == UInt8(ascii: "}"), "every query has an answer")
            } catch {
                require(!error.parameter.isEmpty || bytes.contains(UInt8(ascii: "=")), "an error names the parameter")
                require(!error.cause.isEmpty && !error.remedy.isEmpty, "an error says why, and what to do")
            }
        },
        FuzzTarget(
            "history-query", "the query of /api/v1/history",
            texts: ["since=1767312000&until=1767398400&boundaries=1767312000,1767355200", "until=5", "since=-1"]
        ) { bytes in
            do throws(QueryProblem) {
                let query = try HistoryQuery(QueryString(text(bytes)))
                let (since, until) = query.span(at: 1_767_312_000)
                require(since <= until && query.boundaries.count <= HistoryQuery.mostBoundaries, "a span is one")
            } catch {
                require(!error.cause.isEmpty && !error.remedy.isEmpty, "an error says why, and what to do")
            }
        },
        FuzzTarget(
            "report", "times and conditions of a report",
            texts: ["2026-11-01T14:30:00+01:00", "7d", "any share > 50%", "shop/web wh>=1e3"]
        ) { bytes in
            if let time = TimeExpression(text(bytes))?.unixTime(at: 1_767_312_000) {
                require(ReportSteps.boundaries(since: time, until: 1_767_312_000).count <= 400, "steps are few")
            }
            do throws(ReportCondition.Refusal) {
                require(try ReportCondition(text(bytes)).limit.isFinite, "a limit is a number")
            } catch {
                require(!error.description.isEmpty, "an error says what to do")
            }
        },
        FuzzTarget(
            "filter", "the conditions of a query",
            texts: [
                "namespace=shop,name~web,kind!=pod,image!~nginx", #"name="a,b=\"c\"\\",alive=true"#, "k8s.pod.qos=",
            ]
        ) { bytes in
            do throws(QueryProblem) {
                let filter = try WorkloadFilter(parsing: text(bytes))
                require(filter.conditions.count <= WorkloadFilter.mostConditions, "there is a bounded number")
                let separators = bytes.count { $0 == UInt8(ascii: ",") }
                require(filter.conditions.count <= separators + 1, "each condition was written")
            } catch {
                require(error.parameter == "filter" && !error.remedy.isEmpty, "an error says what to do")
            }
        },
    ]

    private static let sample = fullSnapshot()
}
