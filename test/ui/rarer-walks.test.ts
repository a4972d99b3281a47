import { vi } from 'vitest';
import { setStage } from './support/stage.ts';
import { walkThroughAttention } from './walks/attention.ts';
import { walkThroughAReport } from './walks/report.ts';

vi.setConfig({ testTimeout: 240_000 });

const stage = setStage();
walkThroughAttention(stage);
walkThroughAReport(stage);
