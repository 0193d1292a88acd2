import { readFileSync } from 'node:fs';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { DEFAULT_FLOW_CONTROL } from '@kcp/apiserver/flow-control/default-flows';
import type { FlowControlConfig } from '@kcp/apiserver/flow-control/flow-control';
import { parseFlowConfig } from '@kcp/apiserver/flow-control/parse-flow-config';
import type { FlowControlFlags } from '../config/server-config.js';

/** Who comes first, as the operator says it. Throws FlowConfigError and what the system says of the file. */
export function loadFlowControl({ file, seats }: FlowControlFlags): FlowControlConfig {
  const given = file === undefined ? {} : parseFlowConfig(parseYaml(readFileSync(file, 'utf8')).value);
  return { ...DEFAULT_FLOW_CONTROL, ...given, ...(seats === undefined ? {} : { seats }) };
}
