/** Every difference since the release, and why no old client breaks on it. */
export const INTERFACE_CHANGES: readonly { readonly difference: RegExp; readonly why: string }[] = [
  {
    difference: /^paths\.\/healthz\.get\.responses\.200\..*\.(?:properties\.version: new|required: )/,
    why: 'the answer also names the release, and old probes read the status alone',
  },
  {
    difference:
      /^(?:paths\.\/admin\/.*announce_history|(?:deployments\.logsStream|logs\.streamAll)\..*announceHistory\??: new)/,
    why: 'a stream of many nodes announces its history to those who ask for it',
  },
  {
    difference:
      /^(?:paths\.\/session\/(?:options|sso|sso\/callback|sso\/logout|device|device\/token)|paths\.\/admin\/(?:doctor|whoami|sessions|sessions\/\{id\}|tokens\/\{id\}\/rotate)|doctor\.report|sessions\.(?:list|end|whoami)|tokens\.rotate): new$/,
    why: 'new operations: old clients do not call them',
  },
  {
    difference: /^paths\..*\.responses\.(?:403|429): new$/,
    why: 'the released servers answered so too, and did not document it',
  },
  {
    difference: /^(?:nodes|notifications|tokens)\..*\.(?:id|nodeId)\.(?:format|pattern): gone$/,
    why: 'an id of another form names nothing: it is answered as not found instead of as a wrong input',
  },
  {
    difference:
      /^(?:logs\.search\.input\[0\]\.properties\.nodeId\.items|notifications\.deliveries\.input\[0\]\.properties\.nodeId)\.pattern: /,
    why: 'the id of any stored node is taken, of whatever version its UUID is: every id of before still is',
  },
  {
    difference: /\.idempotencyKey\.pattern: |\.parameters\[\d+\]\.schema\.pattern: new$/,
    why: 'both edges take every key that REST took, and the documents name the rule',
  },
  {
    difference:
      /^(?:paths\..*logs\/stream\.get\.parameters\[\d+\]\.schema|(?:nodes|deployments)\.logsStream\..*\.tail|logs\.streamAll\..*\.tail)\.minimum: 1 became 0$/,
    why: 'a stream also takes `tail=0`: only what is new',
  },
  {
    difference:
      /\.(?:any_?[oO]f|image|vllm_?[vV]ersion|vllm_?[iI]ndex|labels|envs|endpoint_?[aA]uth|endpoint_?[kK]ey|task_?[yY]aml|ready|model\.default)\??: new$|\.(?:provider|region|gpu|useSpot|use_spot)(?:\?)?: (?:new|gone)$|\.required: |\.(?:region|model)\.pattern: |\.use_?[sS]pot\.default: gone$/,
    why: 'what a task can say: old requests mean what they meant, and fields that were required may be left out',
  },
  {
    difference: /\.(?:created_?[bB]y|cancelled_?[bB]y|trace_?[iI]d|trace_?[uU]rl)\??: new$/,
    why: 'who launched and cancelled a node, and its trace: clients ignore fields that they do not know',
  },
  {
    difference:
      /\.group_?[bB]y\.(?:maxItems: 8 became 10|.*became \[(?:[\\",]|provider|region|gpu|model|spot|orchestrator|deployment|created_by|day|hour)+\])$|\.group\.(?:\w+\.)*hour\??: new$|^paths\.\/admin\/metrics\/launches\.get\.parameters: .* became /,
    why: 'launches can also be counted by who asked for them and by the hour: the words of 0.1.0 are all there',
  },
  {
    difference: /\.(?:last_?[uU]sed_?[aA]t|rotated_?[aA]t|previous_?[uU]ntil)\??: new$/,
    why: 'the second secret of a token and its last use: clients ignore fields that they do not know',
  },
  {
    difference:
      /^(?:paths\.\/admin\/audit\.get\.parameters\[1\]\.schema|audit\.list\.input\[0\]\.properties\.action)\.items\.enum: .* became /,
    why: 'more actions to filter by: those of 0.1.0 are all there',
  },
  {
    difference:
      /\.(?:on_?[lL]oss|relaunches_?[pP]er_?[hH]our|relaunch_?[uU]nreachable_?[aA]fter|terminate_?[aA]fter|terminate_?[wW]hen_?[iI]dle|relaunch_?[aA]t|terminate_?[aA]t|idle_?[sS]ince|lost|preempted|preemption_?[rR]ate|active_?[sS]econds|uptime|mean_?[sS]econds_?[tT]o_?[lL]oss|cost_?[pP]er_?[uU]seful_?[hH]our)\??: new$/,
    why: 'the life of nodes: what launches ask for and how nodes did; without the fields nothing is done',
  },
  {
    difference: /^paths\.\/session\.delete\.responses\.200: new$/,
    why: 'the sign-out of a person who signed in by an identity provider; sessions of tokens are answered as before',
  },
  {
    difference: /\.(?:hint|evidence)\??: new$/,
    why: 'the cause of a failure with a remedy: clients ignore fields that they do not know',
  },
  {
    difference:
      /\.(?:health|health_?[sS]ince|health_?[rR]eason|last_?[sS]een_?[aA]t|loss_?[rR]eason|retry_?[rR]eason|terminated_?[bB]y)\??: new$/,
    why: 'the life of a node after `active`: clients ignore fields that they do not know',
  },
  {
    difference:
      /(?:\.status\.(?:union|enum|items\.enum)|\.parameters\[0\]\.schema\.items\.enum): .* became \[(?:[\\",]|active|failed|launching|lost|terminated|terminating)+\]$/,
    why: '`lost`: the machine of an active node is gone. A client of five words shows it as it is, and its own filters work',
  },
  {
    difference: /[sS]imulator_?[sS]cenario.*enum: .*became \[(?:[\\",\w-])+\]$/,
    why: 'the simulator plays what happens to active nodes: the scenarios of 0.1.0 are all there',
  },
  {
    difference:
      /^(?:paths\.\/admin\/nodes\/\{id\}\/(?:events(?:\/stream)?|runtime-logs\/stream)|components\.schemas\.NodeEvent|nodes\.(?:events(?:Stream)?|runtimeLogs)): new$/,
    why: 'new operations: what happens to a node after its launch',
  },
  {
    difference:
      /^(?:paths\.\/admin\/(?:nodes\/estimate|budgets(?:\/\{id\})?|strays(?:\/\{name\}\/terminate)?)|nodes\.estimate|budgets\.\w+|strays\.\w+|components\.schemas\.(?:LaunchEstimate|LaunchOffer|Budget|Stray)): new$|^components\.schemas\.Error\.properties\.error\.properties\.code\.enum: |\.max_?[hH]ourly_?[cC]ost\??: new$/,
    why: 'new operations, a limit and an error about cost: a launch without limits is what it was',
  },
  {
    difference: /\.(?:failure_reasons\.items\.properties|failureReasons\.array\.object)\.message\??: new$/,
    why: 'the latest cause behind a reason: clients ignore fields that they do not know',
  },
  {
    difference: /(?:\bgap|Gap)\b.*\.reason(?:\.enum|\.union)?: /,
    why: 'entries that were damaged on disk: before, their whole log was lost; clients ignore reasons that they do not know',
  },
  {
    difference:
      /^paths\.\/readyz\.get\.responses\.503\..*\.(?:properties\.(?:checks|reasons): new|required: .*)$/,
    why: 'the released servers answered with `checks` too, and did not document it; `reasons` is a field more',
  },
  {
    difference:
      /^components\.schemas\.AuditEntry\.properties\.action\.enum: gone$|^audit\.list\.output\..*\.action: /,
    why: 'an action of a newer release is listed as it is instead of failing the whole page',
  },
  {
    difference:
      /AuditEntry\.properties\.(?:count|last_at): new$|^audit\.list\.output\..*\.(?:count|lastAt)\?: new$/,
    why: 'what is repeated is one entry with a count: clients ignore fields that they do not know',
  },
  {
    difference:
      /^(?:paths\.\/admin\/audit\.get\.parameters\[\d\]\.schema|audit\.list\.input\[0\]\.properties\.action)\.items\.enum: .* became /,
    why: 'more actions to filter by; those of 0.1.0 are all there',
  },
  {
    difference: /^paths\.\/admin\/audit\/export: new$/,
    why: 'a new operation: the trail as a file',
  },
  {
    difference:
      /^nodes\.(?:list|watch)\.input\[0\]\.properties\.(?:health|reason|gpu|spot|(?:created|ended)(?:Since|Until)|sort|direction|counts): new$/,
    why: 'more filters, orders and counts of lists: without them a list is what it was',
  },
  {
    difference: /^paths\.\/admin\/nodes\.get\.parameters: .* became /,
    why: 'the same as parameters of REST; the document compares the whole list of them',
  },
  {
    difference:
      /^(?:paths\.\/admin\/nodes\/\{id\}\/request|nodes\.request): new$|^(?:paths\.\/admin\/nodes\/\{id\}\/retry\.post\.requestBody\..*|nodes\.retry\.input\[0\])\.properties\.\w+: new$/,
    why: 'a new operation, and the changes of a retry: without them a retry is what it was',
  },
  {
    difference: /^nodes\.list\.input\[0\]\.properties\.cursor\.maxLength: 200 became 1000$/,
    why: 'a cursor of another order holds what it is ordered by',
  },
  {
    difference:
      /^paths\.\/admin\/nodes\.get\.responses\.200\..*\.properties\.counts: new$|^nodes\.list\.output\.object\.counts\?: new$/,
    why: 'counts are in the answer where they were asked for',
  },
  {
    difference: /\.operationId: new$|\.tags: new$|^servers: new$|^tags: new$/,
    why: 'names for generated clients',
  },
  {
    difference: /^components\.schemas\.Error\.properties\.error\.properties\.issues: new$/,
    why: 'the fields of a refused request: clients ignore fields that they do not know',
  },
  {
    difference: /\.notice(?:\.object)?\.count\??: new$/,
    why: 'how many nodes a stream does not show: clients ignore fields that they do not know',
  },
  {
    difference:
      /(?:events\.(?:items\.enum|array\.union)|\.event\.(?:enum|union)|events\.items\.(?:enum|union)): .* became .*node\.lost|(?:[dD]eliver|notifications\.resend)\w*.*\.(?:node_id|nodeId)\??: (?:new|gone)$|[dD]eliver\w*.*\.required: /,
    why: 'events after the launch, some about no node: only a rule that asks for them has their deliveries',
  },
  {
    difference: /^nodes\.watch\.output\.stream\.object\.data\.union: .* became .*nodeIds/,
    why: 'a watch with an order or counts also sends its window; no other watch does',
  },
];
